// What a signal was put together from, for as long as somebody holds it.
const parts = new WeakMap<AbortSignal, readonly AbortSignal[]>();

/**
 * A signal that aborts with the first of these. Unlike `AbortSignal.any` alone it keeps them: Node holds the parts of such a signal
 * weakly, so that a time limit that nobody else holds is forgotten at the next garbage collection, and never comes (seen on
 * 20.20: none of fifty came). Use this wherever signals are put together.
 */
export function firstOf(...signals: readonly AbortSignal[]): AbortSignal {
  const first = AbortSignal.any([...signals]);
  parts.set(first, signals);
  return first;
}

/** A signal that aborts with `signal`, or after so many milliseconds with a `TimeoutError`. */
export function within(ms: number, signal?: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  return signal ? firstOf(signal, limit) : limit;
}
