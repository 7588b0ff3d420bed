import { userInfo } from 'node:os'
import type { Actor } from '../model.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * Who acts. None of these is proof: `verified` stays false, and the journal says so beside the database's session user.
 * ONBOARD_ACTOR is `Name <mail>`, `mail` or a name; on GitHub and GitLab it is who started the pipeline.
 */
export function actorFrom(env: Env): Actor {
  const given = env['ONBOARD_ACTOR']?.trim()
  const ci = env['GITHUB_ACTOR'] ?? env['GITLAB_USER_EMAIL'] ?? env['GITLAB_USER_LOGIN']
  if (given) return { ...named(given), how: ci === undefined ? 'os' : 'ci', verified: false }
  if (ci !== undefined && (env['GITHUB_ACTIONS'] === 'true' || env['GITLAB_CI'] === 'true')) {
    return { ...named(ci), how: 'ci', verified: false }
  }
  return { name: user(env), email: null, how: 'os', verified: false }
}

function named(text: string): { name: string; email: string | null } {
  const [, name = '', email = ''] = /^(.*?)\s*<([^<>\s]+@[^<>\s]+)>$/.exec(text) ?? []
  if (email !== '') return { name: name || email, email }
  return { name: text, email: /^\S+@\S+$/.test(text) ? text : null }
}

function user(env: Env): string {
  try {
    return userInfo().username
  } catch {
    // A uid without an account, as containers have them.
    return env['USER'] ?? `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
