/** Calls back when the page is looked at again, the machine wakes up or the network returns. */
export function onWake(callback: () => void): () => void {
  const seen = () => {
    if (!document.hidden) callback();
  };
  document.addEventListener('visibilitychange', seen);
  window.addEventListener('online', callback);
  window.addEventListener('pageshow', seen);
  return () => {
    document.removeEventListener('visibilitychange', seen);
    window.removeEventListener('online', callback);
    window.removeEventListener('pageshow', seen);
  };
}
