import type { SecretSink } from '../engine/ports.ts'
import type { Handed } from '../adapters/secrets.ts'
import type { Context } from './context.ts'
import { mustNameFile } from './named-file.ts'
import type { Output } from './output.ts'
import { bold, dim, yellow } from './style.ts'
import type { Progress } from './views/progress.ts'

/**
 * Where a command's new secrets go: the file of `--secrets-out`, else the terminal, else nowhere, and then a run that
 * would issue one is refused before it begins. A file that cannot be made is refused here, before anything else.
 * @param retype the command as it was typed, without `--secrets-out`
 */
export async function secretsOf(
  context: Context, customer: string, retype: string, out: Output, progress: Progress,
): Promise<SecretSink> {
  const { fileSecrets, noPlaceForSecrets, terminalSecrets } = await import('../adapters/secrets.ts')
  const { secretsOut } = context.choice
  const why = 'what goes to standard output is kept by terminals and pipelines, and a secret must not be'
  mustNameFile(secretsOut, 'secrets-out', why, `${retype} --secrets-out secrets.jsonl`)
  if (secretsOut !== undefined) {
    const sink = fileSecrets(customer, context.path(secretsOut), secretsOut)
    await sink.ready()
    context.closeLater(sink)
    return sink
  }
  if (context.io.stderr.isTTY !== true) return noPlaceForSecrets(retype)
  return terminalSecrets(customer, (secret) => {
    progress.clear()
    show(secret, out)
  })
}

function show({ step, name, value, expires_at, note }: Handed, out: Output): void {
  out.note(yellow('secret '), bold(`${step} ${name}`), dim('  shown once; it holds as soon as the step below is done'))
  out.note('       ', value)
  const more = [expires_at === null ? null : `expires ${out.time(expires_at)}`, note].filter((one) => one !== null)
  if (more.length > 0) out.note('       ', dim(more.join(' · ')))
}
