import { isCancelled, openStream } from '../api/http';
import { reportFailure } from '../api/query-client';
import { waitForRetry } from '../lib/connection';
import { isSignedOut, onSignedIn } from '../lib/session';
import { readStored, writeStored } from '../lib/storage';
import { onWake } from '../lib/wake';
import { tell, type News } from './changes';
import { Leader } from './leader';
import { FeedReader } from './reader';

/** Number of the last change that was seen. */
interface Memory {
  last: () => number | null;
  remember: (last: number) => void;
}

const lastKey = 'feed.last';

/** Shared by all tabs: whoever leads next goes on from there. */
const ofBrowser: Memory = {
  last: () => {
    const stored = readStored(lastKey);
    return stored !== null && /^\d+$/.test(stored) ? Number(stored) : null;
  },
  remember: (last) => {
    writeStored(lastKey, String(last));
  },
};

function ofTab(): Memory {
  let seen: number | null = null;
  return {
    last: () => seen,
    remember: (last) => {
      seen = last;
    },
  };
}

function newReader(memory: Memory, spread: (news: News) => void): FeedReader {
  return new FeedReader({
    open: openStream,
    isCancelled,
    wait: waitForRetry,
    now: () => Date.now(),
    random: () => Math.random(),
    ...memory,
    tell: spread,
    failed: reportFailure,
  });
}

/** Keeps one reader running for as long as somebody is signed in; the answer ends it. */
function keepReading(memory: Memory, spread: (news: News) => void): { stop: () => void; wake: () => void } {
  let reader = newReader(memory, spread);
  let over = false;
  const run = () => {
    if (over || isSignedOut()) return;
    reader = newReader(memory, spread);
    void reader.run();
  };
  const forget = onSignedIn(run);
  run();
  return {
    stop: () => {
      over = true;
      forget();
      reader.stop();
    },
    wake: () => {
      reader.wake();
    },
  };
}

/** One connection for all tabs of the browser. */
function startShared(locks: LockManager): void {
  let reading: ReturnType<typeof keepReading> | null = null;
  const leader = new Leader<News>({
    locks,
    channel: new BroadcastChannel('chatbot.feed'),
    lead: () => {
      reading = keepReading(ofBrowser, (news) => {
        leader.pass(news);
        tell(news);
      });
      return () => {
        reading?.stop();
        reading = null;
      };
    },
    wake: () => reading?.wake(),
    hear: tell,
  });
  leader.start();
  onWake(() => {
    leader.check();
  });
}

/** Where a page is not served securely a browser has no locks: then each tab that is looked at reads for itself. */
function startAlone(): void {
  const memory = ofTab();
  let reading: ReturnType<typeof keepReading> | null = null;
  const adjust = () => {
    if (document.hidden) {
      reading?.stop();
      reading = null;
    } else if (reading === null) reading = keepReading(memory, tell);
    else reading.wake();
  };
  adjust();
  document.addEventListener('visibilitychange', adjust);
  onWake(adjust);
}

export function startFeed(): void {
  // Browsers leave it out where the page is not served securely, whatever the types say.
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined || typeof BroadcastChannel === 'undefined') startAlone();
  else startShared(locks);
  // A page taken out of the browser's cache has slept through what was told meanwhile.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) tell({ type: 'reset' });
  });
}
