/** Calls again and again, also while the page is not seen: a browser lets the timers of such a page fire once a minute,
 * those of a worker as they are. Returns its undo. */
export function steadily(call: () => void, everyMs: number): () => void {
  const worker = newWorker(everyMs);
  if (worker) {
    worker.onmessage = call;
    return () => worker.terminate();
  }
  const timer = setInterval(call, everyMs);
  return () => clearInterval(timer);
}

function newWorker(everyMs: number): Worker | null {
  if (typeof Worker === "undefined") return null;
  const source = new Blob([`setInterval(() => postMessage(null), ${everyMs})`], { type: "text/javascript" });
  const url = URL.createObjectURL(source);
  try {
    return new Worker(url);
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
