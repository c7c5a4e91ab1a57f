const { getClickIdFromRequest } = require('refport');

/** The code to test: what of a shop has to do with Refport. It gets the client handed in. */
class Shop {
  #refport;

  constructor(refport) {
    this.#refport = refport;
  }

  async signUp(request, { id, email }) {
    const clickId = getClickIdFromRequest(request);
    if (!clickId) return null;
    return this.#refport.track.lead({
      clickId,
      eventName: 'Sign up',
      customerExternalId: id,
      customerEmail: email,
    });
  }

  async pay(request, { id }, { invoiceId, amount }) {
    const clickId = getClickIdFromRequest(request);
    if (!clickId) return null;
    return this.#refport.track.sale({ clickId, customerExternalId: id, amount, currency: 'eur', invoiceId });
  }
}

module.exports = { Shop };
