import { clearTimeout, setTimeout } from '#platform';

/** How long closing waits for the store alone, in milliseconds. */
export const GRACE = 2000;

/** Whether a promise settles, in either way, within `timeout` milliseconds. */
export async function settlesWithin(timeout: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeout, false);
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  const hasSettled = await Promise.race([settled, late]);
  clearTimeout(timer);
  return hasSettled;
}
