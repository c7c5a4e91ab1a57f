/** The API's three calls, by the digits of src/api/operation.rs. */
export const Operation = { lead: 0, sale: 1, embedToken: 2 } as const;

export type Operation = (typeof Operation)[keyof typeof Operation];

/** Below the base URL, by operation. */
export const PATHS = ['/api/track/lead', '/api/track/sale', '/api/embed/token'] as const;
