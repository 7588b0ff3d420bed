/** How a message of ours goes to the identity provider: by the browser, in an address or in a form. */
import { type Field, redirectUrl } from './redirect.ts'
import { signedXml, type Signer } from './sign.ts'

export type Outgoing =
  | { readonly binding: 'redirect'; readonly url: URL }
  /** A form that the browser posts. */
  | { readonly binding: 'post'; readonly action: string; readonly fields: Readonly<Record<string, string>> }

/** Addresses by binding; the redirect is preferred, for it needs no script. */
interface Places {
  readonly redirect?: string
  readonly post?: string
}

/** Where a message goes; undefined: nowhere. */
export const placeOf = ({ redirect, post }: Places): string | undefined => redirect ?? post

/** @param signer null: it is not signed */
export function send(
  places: Places, field: Field, xml: string, relayState: string | null, signer: Signer | null,
): Outgoing {
  if (places.redirect !== undefined) {
    return { binding: 'redirect', url: redirectUrl(places.redirect, field, xml, relayState, signer) }
  }
  const signed = signer === null ? xml : signedXml(xml, 'Issuer', signer)
  const fields = {
    [field]: Buffer.from(signed).toString('base64'), ...(relayState === null ? {} : { RelayState: relayState }),
  }
  return { binding: 'post', action: places.post ?? '', fields }
}
