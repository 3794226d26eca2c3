import type { Message } from '../../../shared/api/types';
import { lazyPart, partPlace } from '../../../shared/lib/lazy-part';

const VariantSwitch = partPlace(
  lazyPart(() => import('./variant-switch.lazy')),
  (part) => part.VariantSwitch,
);

/** Where one goes from version to version of a message that has several. */
export function VariantSlot(props: { message: Message; busy: boolean }) {
  return (props.message.variants ?? 1) > 1 && <VariantSwitch {...props} />;
}
