// A Worker: asked with the target of the checks, it answers with what came of them.

import { runChecks } from './checks.mjs';

export default {
  /** @param {Request} request */
  async fetch(request) {
    return Response.json(await runChecks(await request.json()));
  },
};
