// Compiled by types.test.js: what the processors' own packages return is accepted as it is.

import type { EventEntity, Paddle } from '@paddle/paddle-node-sdk';
import type { webhooks as polar2026 } from '@polar-sh/sdk/2026-10';
import type { restResources } from '@shopify/shopify-api/rest/admin/2026-04';
import type { validateEvent } from 'polar-sdk-v0/webhooks';
import type { TrackSaleParams } from 'refport';
import {
  attribution,
  attributionFromReference,
  attributionReference,
  refundFromPaddle,
  refundFromPolar,
  refundFromRevenueCat,
  refundFromShopify,
  refundFromStripe,
  saleFromPaddle,
  saleFromPolar,
  saleFromRevenueCat,
  saleFromShopify,
  saleFromStripe,
} from 'refport/webhooks';
import type Stripe from 'stripe';

declare const stripeEvent: Stripe.Event;
declare const invoicePaid: Stripe.InvoicePaidEvent;
export const stripe: TrackSaleParams | null = saleFromStripe(stripeEvent, { includeTest: true });
saleFromStripe(invoicePaid, { amount: 'total' });
// @ts-expect-error A session is no event.
saleFromStripe({} as Stripe.Checkout.Session);

declare const paddle: Paddle;
declare const entity: EventEntity;
saleFromPaddle(entity);
export const unmarshalled = async () => saleFromPaddle(await paddle.webhooks.unmarshal('', '', ''));
saleFromPaddle({ event_type: 'transaction.completed', data: {} });
// @ts-expect-error Neither spelling.
saleFromPaddle({ type: 'transaction.completed', data: {} });

declare const polarEvent: Awaited<ReturnType<typeof polar2026.validateEvent>>;
declare const oldPolarEvent: ReturnType<typeof validateEvent>;
saleFromPolar(polarEvent);
saleFromPolar(oldPolarEvent);

declare const order: InstanceType<typeof restResources.Order>;
// biome-ignore lint/suspicious/noExplicitAny: It is what Shopify's packages for apps call a payload.
declare const payload: Record<string, any>;
const parsed = JSON.parse('{}');
saleFromShopify(order);
saleFromShopify(payload);
saleFromShopify(parsed);
// @ts-expect-error An id is a number or a string.
saleFromShopify({ id: true });

saleFromRevenueCat(parsed);
saleFromRevenueCat(payload);
saleFromRevenueCat({ api_version: '1.0', event: { type: 'RENEWAL' } });
// @ts-expect-error An event is an object.
saleFromRevenueCat({ event: 'RENEWAL' });

const user: { id: string; clickId: string | null } = { id: 'user_1', clickId: null };
const params: Stripe.Checkout.SessionCreateParams = {
  metadata: attribution({ clickId: user.clickId, customerExternalId: user.id }),
};

export { params };

saleFromStripe(stripeEvent, { clickId: user.clickId, customerExternalId: user.id });
// @ts-expect-error There is no such amount.
saleFromStripe(stripeEvent, { amount: 'gross' });
// @ts-expect-error The customer is needed.
attribution({ clickId: 'click_1' });

const session: Stripe.Checkout.Session = {} as Stripe.Checkout.Session;
const back = attributionFromReference(session.client_reference_id);
const reference: string | undefined = attributionReference({ clickId: user.clickId, customerExternalId: user.id });
const linked: Stripe.Checkout.SessionCreateParams = { ...(reference && { client_reference_id: reference }) };
saleFromStripe(stripeEvent, {
  ...back,
  onIgnored: (reason, detail) => {
    if (reason === 'not-referred') console.log(detail.length);
    // @ts-expect-error There is no such reason.
    return reason === 'whatever';
  },
});

export { linked };

refundFromStripe(stripeEvent)?.isFull.valueOf();
refundFromPaddle(entity);
refundFromPolar(polarEvent);
refundFromPolar(oldPolarEvent);
refundFromShopify(order);
refundFromShopify(payload);
refundFromShopify({} as InstanceType<typeof restResources.Refund>);
refundFromRevenueCat(parsed);
// @ts-expect-error A refund is no event.
refundFromStripe({} as Stripe.Refund);
