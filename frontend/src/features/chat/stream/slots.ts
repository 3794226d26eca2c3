/**
 * Over HTTP/1.1 a browser opens six connections to one server, whatever the number of its tabs.
 * So many of them may be replies that stream; the change feed and short requests have the rest.
 */
const most = 3;

export type Release = () => void;

const nothing: Release = () => undefined;

async function tryOne(locks: LockManager, name: string): Promise<Release | null> {
  return new Promise((found) => {
    void locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock === null) {
        found(null);
        return;
      }
      await new Promise<void>((release) => {
        found(release);
      });
    });
  });
}

/** A place for one more stream in this browser, or null while all are taken. Must be given back. */
export async function takeSlot(): Promise<Release | null> {
  // Browsers leave it out where the page is not served securely, whatever the types say.
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return nothing;
  for (let number = 1; number <= most; number += 1) {
    const release = await tryOne(locks, `chatbot.stream.${number}`);
    if (release !== null) return release;
  }
  return null;
}
