import { dark, light, type Colours } from '../shared/theme/tokens';

type Variables = Record<string, string | boolean | Record<string, string>>;

/** One variable for each place of a scale; mermaid counts its scales from 0 or from 1. */
function scale(name: string, first: number, count: number, colours: readonly string[]): Variables {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`${name}${first + at}`, colours[at % colours.length] ?? '']),
  );
}

/** What is told apart by colour alone: strong enough to stand on the ground. */
function kinds({ accent, syntax }: Colours): readonly string[] {
  return [accent.default, syntax.number, syntax.keyword, syntax.string, syntax.title, syntax.comment, syntax.deletion];
}

/** The page's colours in the words of mermaid's theme `base`. */
export function coloursOf(inDark: boolean): Variables {
  const ours = inDark ? dark : light;
  const { accent, bg, border, fg } = ours;
  const strong = kinds(ours);
  return {
    darkMode: inDark,
    background: bg.raised,
    primaryColor: bg.selected,
    primaryBorderColor: accent.default,
    primaryTextColor: fg.default,
    secondaryColor: bg.notice,
    secondaryBorderColor: border.control,
    secondaryTextColor: fg.default,
    tertiaryColor: bg.bubble,
    tertiaryBorderColor: border.default,
    tertiaryTextColor: fg.default,
    lineColor: fg.muted,
    textColor: fg.default,
    titleColor: fg.default,
    edgeLabelBackground: bg.raised,
    noteBkgColor: bg.notice,
    noteTextColor: fg.notice,
    noteBorderColor: border.control,
    errorBkgColor: bg.danger,
    errorTextColor: fg.danger,
    gridColor: border.default,
    doneTaskBkgColor: bg.hover,
    doneTaskBorderColor: border.control,
    activeTaskBkgColor: bg.notice,
    critBkgColor: bg.danger,
    critBorderColor: fg.danger,
    ...scale('cScale', 0, 12, [bg.selected, bg.notice, bg.bubble, bg.danger, bg.hover]),
    ...scale('cScalePeer', 0, 12, [border.control]),
    ...scale('cScaleInv', 0, 12, [border.control]),
    ...scale('cScaleLabel', 0, 12, [fg.default]),
    ...scale('git', 0, 8, strong),
    ...scale('gitBranchLabel', 0, 8, [fg.onAccent]),
    ...scale('pie', 1, 12, strong),
    pieOpacity: '1',
    pieStrokeColor: bg.raised,
    pieOuterStrokeColor: bg.raised,
    pieSectionTextColor: fg.onAccent,
    pieLegendTextColor: fg.default,
    pieTitleTextColor: fg.default,
    xyChart: {
      plotColorPalette: strong.join(','),
      backgroundColor: bg.raised,
      titleColor: fg.default,
      ...Object.fromEntries(
        ['x', 'y'].flatMap((axis) => [
          [`${axis}AxisLabelColor`, fg.muted],
          [`${axis}AxisTitleColor`, fg.default],
          [`${axis}AxisTickColor`, border.control],
          [`${axis}AxisLineColor`, border.control],
        ]),
      ),
    },
  };
}
