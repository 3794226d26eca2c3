import { readChat, showMessages } from '../../shared/api/chats';
import { extendMessages } from '../../shared/api/more-messages';
import { anchorIn, articlesIn } from './anchor';

function focusMessage(article: HTMLElement | undefined): void {
  article?.focus({ preventScroll: true });
  article?.scrollIntoView({ block: 'start' });
}

/** Rendered after the next frame: what was brought is in the page then. */
function rendered(): Promise<void> {
  return new Promise((done) => {
    setTimeout(() =>
      requestAnimationFrame(() => {
        done();
      }),
    );
  });
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
  const side = by < 0 ? 'before' : 'after';
  const beyond = by < 0 ? at(articles) < 0 : at(articles) >= articles.length;
  if (beyond && (readChat(sessionId)?.[side] ?? null) !== null) {
    await extendMessages(sessionId, side);
    await rendered();
    articles = articlesIn(view);
  }
  focusMessage(articles[at(articles)]);
}

/** Goes to the very first message of the chat. */
export async function toFirst(sessionId: string, view: HTMLElement): Promise<void> {
  if ((readChat(sessionId)?.before ?? null) !== null) {
    await showMessages(sessionId, 'start');
    await rendered();
  }
  view.scrollTop = 0;
  articlesIn(view)[0]?.focus({ preventScroll: true });
}
