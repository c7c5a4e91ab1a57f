'use strict';

// Makes one call of each kind and prints nothing itself.

const { Refport } = require('refport');

/** @type {{ url: string, apiKey: string, clickId: string }} */
const { url, apiKey, clickId } = JSON.parse(process.argv[2]);

const customer = {
  customerExternalId: 'user_s3cr3t',
  customerEmail: 's3cr3t@example.com',
  customerName: 'S3cr3t Agent',
};

async function main() {
  const refport = new Refport({ apiKey, baseUrl: url });
  await refport.track.lead({ clickId, eventName: 'Sign up', ...customer });
  await refport.track.sale({ clickId, ...customer, amount: 4900, invoiceId: 'inv_s3cr3t' });
  await refport.embedTokens.create({ partner: { email: 's3cr3t@example.com' } }).catch(() => {});
}

main();
