/** What the demo is made of. */

/** One thing that the demo does: a sentence, and the commands that do it, with what people do in between. */
export interface Scene {
  readonly says: string
  readonly commands: readonly (Typed | Deed)[]
}

export interface Typed {
  /** Words after `onboard`. */
  readonly argv: readonly string[]
  /** Exit codes with which it has done what the scene needs. */
  readonly fine: readonly number[]
  /** What somebody does while it waits, once it has shown this. */
  readonly meanwhile?: { readonly shown: RegExp; does(shown: string): Promise<void> }
}

/** What somebody at the customer does, not with onboard. */
export interface Deed {
  readonly tells: string
  /** null: it was done in an earlier run. */
  readonly does: (() => Promise<void>) | null
}

/** How the people of one customer sign in; null: they did in an earlier run. */
export interface SignIns {
  /** The administrator, by the link that was handed over. */
  readonly setsPassword: Deed['does']
  /** The administrator of the identity provider enters what our sheet says. */
  readonly setsUp: Deed['does']
  /** A test login by the link that it is given. */
  readonly triesLink: ((link: string) => Promise<void>) | null
  readonly signsInAndOut: Deed['does']
}

/** What the customers' people and machines do; null: it was done in an earlier run. */
export interface Deeds {
  readonly acme: SignIns
  readonly borealis: SignIns
  /** The second customer's administrator, once its single sign-on is taken back. */
  readonly signsInByPassword: Deed['does']
  /** Issuer of the second customer's provider. */
  readonly issuer: string
  /** The token goes where our own test finds it. */
  readonly takesToken: Deed['does']
  readonly syncs: Deed['does']
}
