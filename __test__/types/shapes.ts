// Types that a caller may name are exactly these: code written for the documented SDK keeps its meaning.

import * as refport from 'refport';
import * as result from 'refport/result';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_equal: Equal<A, B>): void {}

type Lead = refport.TrackLeadResponse;
type Sale = refport.TrackSaleResponse;

same<Lead['customer'], refport.TrackCustomer>(true);
same<Lead['link']['programId'], string | null>(true);
same<Lead['customer']['name'], string | null>(true);
same<Sale['sale']['status'], 'pending' | 'approved' | 'paid' | 'rejected'>(true);
same<Sale['sale']['invoiceId'], string | null>(true);
same<refport.EmbedTokenResponse, { publicToken: string; expires: Date } & refport.EmbedTokenResponse>(false);
same<refport.EmbedTokenResponse['expires'], Date>(true);
same<refport.TrackLeadParams['metadata'], Record<string, unknown> | undefined>(true);
same<
  refport.TrackSaleParams['paymentProcessor'],
  'stripe' | 'shopify' | 'polar' | 'paddle' | 'revenuecat' | 'custom' | undefined
>(true);

const client = new refport.Refport();
same<ReturnType<typeof client.track.lead>, Promise<Lead | null>>(true);
same<ReturnType<typeof client.track.sale>, Promise<Sale>>(true);
same<ReturnType<typeof client.embedTokens.create>, Promise<refport.EmbedTokenResponse>>(true);

const results = new result.Refport();
same<ReturnType<typeof results.track.lead>, Promise<result.Result<Lead | null>>>(true);
same<ReturnType<typeof results.track.sale>, Promise<result.Result<Sale>>>(true);
same<result.Result<Sale>, { data: Sale; error: null } | { data: null; error: refport.RefportError }>(true);
same<result.RefportError, refport.RefportError>(true);
same<typeof result.RefportError, typeof refport.RefportError>(true);

same<refport.RefportError['status'], number>(true);
same<refport.RefportError['attempts'], number>(true);
same<refport.RefportError['retryAfter'], number | undefined>(true);

// The AbortSignal of every library fits.
declare const signal: AbortSignal;
const options: refport.RequestOptions = { signal };

export { options };
