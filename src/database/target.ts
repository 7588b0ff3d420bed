import { OnboardError } from '../errors.ts'

/** Which database: one of the embedded server's by name, or one on a server of the user's. */
export type DatabaseTarget =
  | { readonly kind: 'embedded'; readonly name: string }
  | {
      readonly kind: 'server'
      /** URL of the login that works: onboard_app or a member of it. */
      readonly url: string
      /** URLs of logins of their own for reading only and for migrations, where there are. */
      readonly reader_url?: string
      readonly owner_url?: string
    }

/** What `database:` in onboard.config.yaml may say. */
export type DatabaseChoice =
  | 'embedded'
  | 'shared'
  | { readonly embedded: string }
  | { readonly url_env: string }

interface Sources {
  /** --database-url */
  readonly flag?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly config?: { readonly database?: DatabaseChoice } | undefined
}

const NAME = /^[a-z][a-z0-9_-]{0,47}$/
const RESERVED = new Set(['postgres', 'template0', 'template1'])

/**
 * The database to work in: --database-url, ONBOARD_DATABASE_URL, the config's `database`, else the embedded `default`.
 * A URL is `postgres://…` or `embedded:NAME`. A config that says `shared` or `url_env` never falls back to embedded.
 * @throws OnboardError usage or invalid, naming the source and the way out.
 */
export function resolveTarget({ flag, env, config }: Sources): DatabaseTarget {
  if (flag !== undefined) return fromUrl(flag, '--database-url', env, { password: false })
  const choice = config?.database
  const named = typeof choice === 'object' && 'url_env' in choice ? choice.url_env : undefined
  if (env['ONBOARD_DATABASE_URL']) return fromUrl(env['ONBOARD_DATABASE_URL'], 'ONBOARD_DATABASE_URL', env)
  if (named) {
    const url = env[named]
    if (url) return fromUrl(url, named, env)
    throw missing(`onboard.config.yaml takes the database's address from ${named}, which is not set.`, named)
  }
  if (choice === 'shared') {
    throw missing(
      'onboard.config.yaml says that the database is shared, and ONBOARD_DATABASE_URL is not set.',
      'ONBOARD_DATABASE_URL',
    )
  }
  return embedded(typeof choice === 'object' && 'embedded' in choice ? choice.embedded : 'default', 'the config')
}

function missing(message: string, variable: string): OnboardError {
  return new OnboardError('invalid', 'database-url-missing', message, {
    suggestions: [`export ${variable}=postgres://USER@HOST/DB`],
  })
}

function embedded(name: string, source: string): DatabaseTarget {
  if (NAME.test(name) && !RESERVED.has(name)) return { kind: 'embedded', name }
  throw new OnboardError(
    'invalid',
    'database-name',
    `${source} names the embedded database ${JSON.stringify(name)}: names are lower-case letters, digits, - and _, ` +
      'begin with a letter, have at most 48 characters, and are not those of the server itself.',
    { suggestions: ['onboard status --database-url embedded:default'] },
  )
}

function fromUrl(
  value: string,
  source: string,
  env: Sources['env'],
  allow: { password: boolean } = { password: true },
): DatabaseTarget {
  if (value.startsWith('embedded:')) return embedded(value.slice('embedded:'.length), source)
  const url = parse(value, source)
  if (!allow.password && (url.password || url.searchParams.has('password'))) {
    throw new OnboardError(
      'usage',
      'password-in-flag',
      `${source} holds a password, which every user of this machine could read in the list of processes.`,
      { suggestions: ['export ONBOARD_DATABASE_URL=postgres://USER:PASSWORD@HOST/DB'] },
    )
  }
  const other = (name: string): string | undefined => {
    const given = env[name]
    if (!given) return undefined
    parse(given, name)
    // Set for the database that is meant day by day, they lead elsewhere than a flag that names another one.
    return source !== '--database-url' || placeOf(given) === placeOf(value) ? given : undefined
  }
  const reader = other('ONBOARD_READER_DATABASE_URL')
  const owner = other('ONBOARD_OWNER_DATABASE_URL')
  return {
    kind: 'server',
    url: value,
    ...(reader ? { reader_url: reader } : {}),
    ...(owner ? { owner_url: owner } : {}),
  }
}

function parse(value: string, source: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url && /^postgres(ql)?:$/.test(url.protocol)) return url
  throw new OnboardError(
    'usage',
    'database-url',
    `${source} is not the address of a PostgreSQL database (postgres://USER@HOST/DB, or embedded:NAME).`,
    { suggestions: ['export ONBOARD_DATABASE_URL=postgres://USER@HOST/DB'] },
  )
}

/** How results name the database: `embedded:default` or `server:host:port/db`; never a login or a password. */
export function labelOf(target: DatabaseTarget): string {
  if (target.kind === 'embedded') return `embedded:${target.name}`
  return `server:${placeOf(target.url)}`
}

/** `host:port/db` of a URL. */
function placeOf(value: string): string {
  const url = new URL(value)
  const host = url.hostname || url.searchParams.get('host') || 'localhost'
  const port = url.port || url.searchParams.get('port') || '5432'
  return `${decodeURIComponent(host)}:${port}/${decodeURIComponent(url.pathname.slice(1))}`
}
