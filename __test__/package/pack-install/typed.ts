import { Refport, RefportError, type TrackSaleResponse } from 'refport';
import { type Result, Refport as Results } from 'refport/result';
import { createSandbox } from 'refport/testing';

declare const console: { log(text: string): void };

export async function main(): Promise<void> {
  const sandbox = await createSandbox();
  const options = { apiKey: sandbox.apiKey, baseUrl: sandbox.url };
  const sale: TrackSaleResponse = await new Refport(options).track.sale({
    clickId: sandbox.clickId,
    customerExternalId: 'user_1',
    amount: 4900,
  });
  const failed: Result<TrackSaleResponse> = await new Results(options).track.sale({
    clickId: 'unknown',
    customerExternalId: 'user_1',
    amount: sale.sale.amount,
  });
  await sandbox.close();
  if (failed.error instanceof RefportError && failed.error.code === 'INVALID_CLICK_ID') console.log('typed works');
}

main();
