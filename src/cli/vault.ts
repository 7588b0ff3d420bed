/** Secrets for steps: what was given with the command, and the key under which they are kept. */
import type { Secret, Vault } from '../contract.ts'
import type { Context } from './context.ts'

/** The key is asked for when a step first needs it: most commands never do. */
export function vaultOf(context: Context, given: ReadonlyMap<string, Secret>): Vault {
  const seal = async () => (await import('./sealing-key.ts')).sealOf(context)
  return {
    async given(name, place) {
      const value = given.get(name)
      if (value === undefined) return null
      const key = await seal()
      return { text: key.seal(value, place), mark: key.mark(value, place) }
    },
    seal: async (value, place) => (await seal()).seal(value, place),
  }
}
