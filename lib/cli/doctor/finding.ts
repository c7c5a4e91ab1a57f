/** The result of one check. */
export interface Finding {
  name: string;
  /** `null`: unknown. */
  ok: boolean | null;
  detail: string;
  /** What to do. */
  remedy?: string | undefined;
}
