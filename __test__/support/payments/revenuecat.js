'use strict';

/**
 * Events of RevenueCat in their documented shape.
 * @module
 */

const attribute = (/** @type {string} */ value) => ({ updated_at_ms: 1767225600000, value });

/** A week of a subscription for 4.99, of which a fifth is tax. */
const purchase = (more = {}) => ({
  api_version: '1.0',
  event: {
    id: '12345678-1234-4234-8234-123456789012',
    type: 'INITIAL_PURCHASE',
    aliases: ['$RCAnonymousID:1'],
    app_id: 'app1',
    app_user_id: 'user_1',
    commission_percentage: 0.3,
    country_code: 'DE',
    currency: 'EUR',
    entitlement_ids: ['pro'],
    environment: 'PRODUCTION',
    event_timestamp_ms: 1767225600000,
    expiration_at_ms: 1767830400000,
    is_family_share: false,
    offer_code: null,
    original_app_user_id: '$RCAnonymousID:1',
    original_transaction_id: '100000000000000',
    period_type: 'NORMAL',
    price: 5.41,
    price_in_purchased_currency: 4.99,
    product_id: 'weekly',
    purchased_at_ms: 1767225600000,
    store: 'APP_STORE',
    subscriber_attributes: {
      $email: attribute('grace@example.com'),
      refp_id: attribute('click_1'),
      refp_customer_id: attribute('user_1'),
    },
    takehome_percentage: 0.7,
    tax_percentage: 0.2,
    transaction_id: '100000000000000',
    ...more,
  },
});

module.exports = { attribute, purchase };
