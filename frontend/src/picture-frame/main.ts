import { readOrder, sourceOf, type Answer, type Order } from './messages';

/** Shows one picture from elsewhere in a page that can reach nothing else: see vite.frames.config.ts. */

function tell(answer: Answer): void {
  // Whoever may embed this page is said by its policy; no answer holds anything but a size.
  parent.postMessage(answer, '*');
}

/** From here on nothing comes from another site, wherever the one of the picture leads. */
function allowOnly(source: string): void {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = `img-src ${source}`;
  document.head.append(policy);
}

function show({ address, alt }: Order): void {
  const source = sourceOf(address);
  if (source === null) return;
  allowOnly(source);
  const picture = new Image();
  picture.alt = alt;
  picture.referrerPolicy = 'no-referrer';
  picture.addEventListener('load', () => {
    tell({ kind: 'shown', width: picture.naturalWidth, height: picture.naturalHeight });
  });
  picture.addEventListener('error', () => {
    tell({ kind: 'failed' });
  });
  picture.src = address;
  document.body.append(picture);
}

let ordered = false;
addEventListener('message', (event) => {
  const order = event.source === parent && !ordered ? readOrder(event.data) : null;
  if (order === null) return;
  ordered = true;
  show(order);
});
tell({ kind: 'ready' });
