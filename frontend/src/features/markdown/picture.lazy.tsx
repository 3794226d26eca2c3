import { ExternalLink, Eye, EyeOff, Image as ImageIcon } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';

import { readAnswer, sourceOf, type Order } from '../../picture-frame/messages';
import { pictureText } from '../../shared/i18n/picture-texts';
import { Caption, Card, Choice, Choices, Words } from './picture-styles';
import { hostOf } from './safe-url';

interface Props {
  address: string;
  alt: string;
}

type State = 'hidden' | 'loading' | 'shown' | 'failed';

/**
 * A picture from elsewhere. To load it tells its site who looks at this reply, so that a model could send out words of
 * the chat in its address: that takes a click.
 */
export function RemotePicture({ address, alt }: Props) {
  const [state, setState] = useState<State>('hidden');
  const host = hostOf(address);
  const loadable = sourceOf(address) !== null;
  const name = pictureText.from(host);
  const hidden = state === 'hidden' || state === 'failed';
  return (
    <Card role="group" aria-label={alt === '' ? name : `${alt} (${name})`} data-testid="picture" data-state={state}>
      {!hidden && (
        <Frame address={address} alt={alt === '' ? name : alt} shown={state === 'shown'} onState={setState} />
      )}
      <Caption>
        <Words>
          <ImageIcon size={16} aria-hidden />
          <span>
            {alt === '' ? name : alt}
            {alt !== '' && <small>{name}</small>}
            {state === 'hidden' && <small>{loadable ? pictureText.tells(host) : pictureText.openOnly}</small>}
            {state === 'loading' && <small role="status">{pictureText.loading}</small>}
            {state === 'failed' && <small role="alert">{pictureText.failed(host)}</small>}
          </span>
        </Words>
        <Choices>
          {loadable && (
            <Choice
              type="button"
              onClick={() => {
                setState(hidden ? 'loading' : 'hidden');
              }}
            >
              {hidden ? <Eye size={14} aria-hidden /> : <EyeOff size={14} aria-hidden />}
              {hidden ? pictureText.show : pictureText.hide}
            </Choice>
          )}
          <Choice as="a" href={address} target="_blank" rel="noopener noreferrer nofollow">
            <ExternalLink size={14} aria-hidden />
            {pictureText.open}
          </Choice>
        </Choices>
      </Caption>
    </Card>
  );
}

/** A site that does not answer is given up. */
const patience = 30_000;

/** No cookies and nothing stored goes along where the browser knows how to leave them out. */
const apart = { credentialless: true };

interface FrameProps extends Props {
  shown: boolean;
  onState: (state: State) => void;
}

/** The page's own policy lets it load nothing from elsewhere: the picture has a page without an origin for itself. */
function Frame({ address, alt, shown, onState }: FrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const listen = (event: MessageEvent) => {
      const answer = event.source === frame.current?.contentWindow ? readAnswer(event.data) : null;
      const order: Order = { address, alt };
      // A frame without an origin cannot be named by one.
      if (answer?.kind === 'ready') frame.current?.contentWindow?.postMessage(order, '*');
      if (answer?.kind === 'failed') onState('failed');
      if (answer?.kind !== 'shown') return;
      setSize(answer);
      onState('shown');
    };
    window.addEventListener('message', listen);
    return () => {
      window.removeEventListener('message', listen);
    };
  }, [address, alt, onState]);
  useEffect(() => {
    if (shown) return undefined;
    const timer = setTimeout(() => {
      onState('failed');
    }, patience);
    return () => {
      clearTimeout(timer);
    };
  }, [shown, onState]);
  return (
    <iframe
      ref={frame}
      src="/picture-frame.html"
      sandbox="allow-scripts"
      title={alt}
      data-shown={shown}
      style={shown ? { width: size.width, height: 'auto', aspectRatio: `${size.width} / ${size.height}` } : {}}
      {...apart}
    />
  );
}
