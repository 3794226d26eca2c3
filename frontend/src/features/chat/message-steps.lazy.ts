import { readChat, showMessages } from '../../shared/api/chats';
import { extendMessages } from '../../shared/api/more-messages';
import { anchorIn, articlesIn } from './anchor';

function focusMessage(article: HTMLElement | undefined): void {
  article?.focus({ preventScroll: true });
  article?.scrollIntoView({ block: 'start' });
}

/** So many frames at most: what the server has sent is in the page long before. */
const mostFrames = 300;

/** Whatever is here of the chat is in the page then. */
async function whole(view: HTMLElement): Promise<void> {
  for (let frame = 0; frame < mostFrames && view.querySelector('[data-partial="true"]') !== null; frame += 1)
    await nextFrame();
}

function nextFrame(): Promise<void> {
  return new Promise((done) => {
    requestAnimationFrame(() => {
      done();
    });
  });
}

/** Rendered after the next frame: what was brought is in the page then. */
async function rendered(view: HTMLElement): Promise<void> {
  await new Promise((done) => {
    setTimeout(done);
  });
  await nextFrame();
  await whole(view);
}

/** Goes to the message before or behind the one that has the focus, or is the first in sight. */
export async function step(sessionId: string, view: HTMLElement, by: 1 | -1): Promise<void> {
  const at = (articles: readonly HTMLElement[]) => {
    const focused = articles.findIndex((article) => article.contains(document.activeElement));
    if (focused >= 0) return focused + by;
    const seen = articles.findIndex((article) => article === anchorIn(view)?.element);
    return by < 0 ? Math.max(seen, 0) : seen;
  };
  let articles = articlesIn(view);
  if (articles[at(articles)] === undefined) await whole(view);
  articles = articlesIn(view);
  const side = by < 0 ? 'before' : 'after';
  const beyond = by < 0 ? at(articles) < 0 : at(articles) >= articles.length;
  if (beyond && (readChat(sessionId)?.[side] ?? null) !== null) {
    await extendMessages(sessionId, side);
    await rendered(view);
    articles = articlesIn(view);
  }
  focusMessage(articles[at(articles)]);
}

/** Goes to the very first message of the chat. */
export async function toFirst(sessionId: string, view: HTMLElement): Promise<void> {
  if ((readChat(sessionId)?.before ?? null) !== null) {
    await showMessages(sessionId, 'start');
    await rendered(view);
  } else await whole(view);
  view.scrollTop = 0;
  articlesIn(view)[0]?.focus({ preventScroll: true });
}
