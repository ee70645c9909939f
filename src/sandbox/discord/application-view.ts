import { userView } from './views.ts';
import type { World } from './world.ts';

/** The bot's application as Discord describes it to the bot; it belongs to the first of the people. */
export function applicationView(world: World): object {
  const [owner = world.bot] = world.accounts.values();
  return {
    id: world.bot.id,
    name: world.bot.username,
    icon: null,
    description: '',
    bot_public: false,
    bot_require_code_grant: false,
    bot: userView(world.bot),
    owner: userView(owner),
    team: null,
    flags: 0,
    flags_new: '0',
    type: null,
    verify_key: '0'.repeat(64),
    integration_types_config: { '0': {} },
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    approximate_guild_count: world.guilds.size,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    eligible_oauth2_scopes: [],
  };
}
