import type { FaultKind, SandboxCall, SandboxRequest } from '../../types/testing.js';

// The JSON between the sandbox and its pages. Dates are ISO 8601, amounts are in the smallest unit of their currency.

export interface Click {
  id: string;
  at: string;
  partner: string | null;
  /** Domain and key of the link. */
  link: string | null;
}

export interface Lead {
  id: number;
  at: string;
  requestId: number;
  clickId: string;
  customerId: string;
  email: string | null;
  name: string | null;
  eventName: string;
  linked: boolean;
}

export interface Sale {
  id: number;
  at: string;
  requestId: number;
  clickId: string;
  customerId: string;
  email: string | null;
  name: string | null;
  eventName: string;
  amount: number;
  currency: string;
  commission: number;
  invoiceId: string | null;
  /** Why the amount looks wrong. */
  warning: string | null;
}

export interface Token {
  id: number;
  at: string;
  requestId: number;
  partner: string;
  expires: string;
}

/** The code and message of an error response. */
export interface Problem {
  code: string;
  message: string;
}

/** A sale whose invoice was counted before, by an earlier request. */
export interface Repeat {
  invoiceId: string;
  /** The request that was counted. */
  requestId: number;
  /** The amount that was counted. */
  amount: number;
  currency: string;
  /** Whether this request reports another amount or currency. */
  differs: boolean;
}

export interface Request {
  id: number;
  at: string;
  call: SandboxRequest['call'];
  method: string;
  path: string;
  outcome: SandboxRequest['outcome'];
  status: number | null;
  duration: number | null;
  faults: readonly FaultKind[];
  error: Problem | null;
  customerId: string | null;
  clickId: string | null;
  /** Why the amount looks wrong. */
  warning: string | null;
  repeat: Repeat | null;
}

/** A request with its headers and bodies. Credentials in headers are replaced by `[redacted]`. */
export interface RequestDetails extends Request {
  httpVersion: string;
  headers: SandboxRequest['headers'];
  body: string;
  response: SandboxRequest['response'];
}

export interface Fault {
  id: number;
  kind: FaultKind;
  on: SandboxCall | 'any';
  enabled: boolean;
  hits: number;
  /** `null`: without end. */
  remaining: number | null;
  description: string;
}

export interface OutboxEntry {
  id: string;
  call: 'lead' | 'sale';
  customerId: string;
  state: 'pending' | 'held' | 'sending' | 'parked';
  reason: string | null;
  attempts: number;
  recordedAt: string;
  /** When a held entry is due. */
  deliverAt: string | null;
  /** The last failure. */
  error: { code: string; message: string; status: number } | null;
}

export interface OutboxEntryDetails extends OutboxEntry {
  params: unknown;
}

/** `GET /_sandbox/outbox`: how many entries there are, or why the outbox cannot be read. */
export type OutboxStatus =
  | { pending: number; held: number; sending: number; parked: number; error: null }
  | { error: Problem };

/** `GET /_sandbox/outbox/entries`: the first 1000. */
export interface OutboxEntries {
  entries: OutboxEntry[];
}

/** `GET /_sandbox/state`. */
export interface DashboardState {
  lastEventId: string;
  sandbox: { url: string; appUrl: string; apiKey: string; data: string | null };
  clicks: Click[];
  leads: Lead[];
  sales: Sale[];
  tokens: Token[];
  /** The latest 5000. */
  requests: Request[];
  faults: Fault[];
  /** Where the outbox is; `null` if the dashboard shows none. */
  outbox: string | null;
}

/** The server-sent events of `/_sandbox/events`. After `reset` and `resync` the state has to be read again. */
export type DashboardEvent =
  | { type: 'request'; data: Request }
  | { type: 'click'; data: Click }
  | { type: 'lead'; data: Lead }
  | { type: 'sale'; data: Sale }
  | { type: 'token'; data: Token }
  | { type: 'faults'; data: Fault[] }
  | { type: 'reset' | 'resync'; data: Record<string, never> };

/** The content of the partner portal. All of its text was chosen by others. */
export interface Portal {
  name: string;
  link: string;
  expires: string;
  clicks: number;
  leads: number;
  sales: number;
  /** By currency. */
  earnings: Record<string, number>;
  latest: PortalEvent[];
}

export interface PortalEvent {
  type: 'click' | 'lead' | 'sale';
  at: string;
  earned?: { amount: number; currency: string };
}

/** The JSON inside the portal's page. */
export type PortalContent = { data: Portal } | { error: Problem };
