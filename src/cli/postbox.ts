import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Postbox } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import type { Config } from '../onboarding/config.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * Where mail goes: the config's server or folder, which only a trusted workspace may name (`mustTrust`), or the folder
 * `outbox` of ONBOARD_HOME.
 */
export async function postboxOf(
  config: Config, env: Env, workspace: string | null, mustTrust: () => Promise<void>,
): Promise<Postbox> {
  const { folderPostbox, smtpPostbox } = await import('../adapters/mail.ts')
  const { mail, vendor } = config
  const usual = join(homeOf(env), 'outbox')
  if (mail === undefined) return folderPostbox(usual, `${vendor.name} <${vendor.support_email}>`)
  await mustTrust()
  const { smtp, folder, from } = mail
  if (smtp === undefined) return folderPostbox(folder === undefined ? usual : resolve(workspace ?? '.', folder), from)
  const password = smtp.password_env === undefined ? undefined : env[smtp.password_env]
  if (smtp.password_env !== undefined && !password) {
    throw new OnboardError(
      'invalid', 'no-credential',
      `the environment variable ${smtp.password_env} is not set: the mail server ${smtp.host} asks for it`,
    )
  }
  const { host, port, security, user } = smtp
  if ((user === undefined) !== (password === undefined)) {
    const half = user === undefined ? 'password_env' : 'user'
    const message = `mail.smtp of the config has ${half} alone: a sign-in needs user and password_env`
    throw new OnboardError('invalid', 'half-credential', message)
  }
  const login = user === undefined || password === undefined ? undefined : { user, password }
  return smtpPostbox({ host, port, security, login, timeout_ms: (smtp.timeout_seconds ?? 30) * 1000 }, from)
}

function homeOf(env: Env): string {
  const data = env['XDG_DATA_HOME'] || join(env['HOME'] || homedir(), '.local', 'share')
  return resolve(env['ONBOARD_HOME'] || join(data, 'onboard'))
}
