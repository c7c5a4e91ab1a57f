/** What the payment processor says when it refuses a card. */
export class DeclinedError extends Error {}

/** Stands for the payment processor. */
export async function charge(card) {
  if (card === 'declined') throw new DeclinedError('The card was declined');
}
