import { Refport } from 'refport';

export const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });

/** Stands in for a database. */
export const users = new Map();
