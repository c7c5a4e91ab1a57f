import { getClickIdFromRequest } from 'refport';

/**
 * Better Auth plugin: whoever signs up after a partner's link, by whatever method, is reported as a lead. The click id
 * stays with the user for the sales to come.
 *
 * @param {{ client: import('refport').Refport }} options
 */
export const refportPlugin = ({ client }) =>
  /** @satisfies {import('better-auth').BetterAuthPlugin} */ ({
    id: 'refport',
    // `input: false`: set here alone, and by no request.
    schema: { user: { fields: { refpClickId: { type: 'string', required: false, input: false } } } },
    init: () => ({
      options: {
        databaseHooks: {
          user: {
            create: {
              // The context is null for users that the server creates by itself.
              before: async (user, context) => ({ data: { ...user, refpClickId: getClickIdFromRequest(context) } }),
              after: async (user, context) => {
                if (user.refpClickId) context?.context.runInBackground(reportLead(client, user));
              },
            },
          },
        },
      },
    }),
  });

/**
 * @param {import('refport').Refport} client
 * @param {any} user with the field of the plugin
 */
async function reportLead(client, { id, email, name, image, refpClickId }) {
  try {
    await client.track.lead({
      clickId: refpClickId,
      eventName: 'Sign up',
      customerExternalId: id,
      customerEmail: email,
      customerName: name,
      customerAvatar: image ?? undefined,
    });
  } catch (error) {
    console.error(`Lead of ${id} not reported: ${error.message}`);
  }
}
