import { useEffect, useRef } from 'react';

import { text } from '../../shared/i18n/messages';
import { Button } from '../../shared/ui/button';

/** So far below what is seen the next page is asked for. */
const ahead = '400px';

interface Props {
  query: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    fetchNextPage: () => Promise<unknown>;
  };
}

/** The end of a list that goes on: it is fetched when it comes near, or by the button. */
export function MoreChats({ query }: Props) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const end = useRef<HTMLParagraphElement | null>(null);
  // What failed is not asked for again and again.
  const waits = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    const element = end.current;
    if (!waits || element === null) return undefined;
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) void fetchNextPage();
      },
      { root: element.closest('[data-scroller]'), rootMargin: ahead },
    );
    watch.observe(element);
    return () => {
      watch.disconnect();
    };
  }, [waits, fetchNextPage]);
  if (!hasNextPage) return null;
  return (
    <p ref={end}>
      <Button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {text.chats.more}
      </Button>
    </p>
  );
}
