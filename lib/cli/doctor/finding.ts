/** The result of one check. */
export interface Finding {
  name: string;
  /** `null`: unknown. */
  ok: boolean | null;
  detail: string;
  /** The remedy. */
  remedy?: string | undefined;
}
