import { OnboardError } from '../errors.ts'
import type { JsonObject } from '../model.ts'
import type { Context } from './context.ts'

/** The fields of a form as a person gave them, by a file and by `name=value`; null where none were given. */
export async function answersOf(
  context: Context, file: string | undefined, set: readonly string[] | undefined,
): Promise<JsonObject | null> {
  if (file === undefined && set === undefined) return null
  const given = (set ?? []).map((text) => {
    const [, name, value] = /^([a-z][a-z0-9_]*)=(.*)$/s.exec(text) ?? []
    if (name !== undefined && value !== undefined) return [name, value] as const
    throw new OnboardError(
      'usage', 'not-a-value', `--set ${text} is not NAME=VALUE`, { suggestions: ['onboard sign --help'] },
    )
  })
  const twice = given.find(([name], at) => given.findIndex(([other]) => other === name) !== at)
  if (twice !== undefined) {
    throw new OnboardError('usage', 'set-twice', `--set ${twice[0]}=… is given twice`, {
      suggestions: ['onboard sign --help'],
    })
  }
  return { ...(file === undefined ? {} : await inFile(context, file)), ...Object.fromEntries(given) }
}

async function inFile(context: Context, file: string): Promise<JsonObject> {
  const { readFileOnce } = await import('./source.ts')
  const { dataIn } = await import('./data-file.ts')
  return dataIn(await readFileOnce(context.path(file), file), file)
}
