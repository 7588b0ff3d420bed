/** The OASIS schemas of SAML 2.0, parsed once; a document takes a fraction of a millisecond. */
import assertion from '@authenio/samlify-node-xmllint/build/schemas/saml-schema-assertion-2.0.xsd.js'
import protocol from '@authenio/samlify-node-xmllint/build/schemas/saml-schema-protocol-2.0.xsd.js'
import encryption from '@authenio/samlify-node-xmllint/build/schemas/xenc-schema.xsd.js'
import signature from '@authenio/samlify-node-xmllint/build/schemas/xmldsig-core-schema.xsd.js'
import { XmlBufferInputProvider, XmlDocument, xmlRegisterInputProvider, XsdValidator } from 'libxml2-wasm'
import { LoginRefused } from '../login/types.ts'

/** The schemas import each other by these names; no file or address is ever opened. */
const FOLDER = 'saml-schemas/'
const ROOT = 'saml-schema-protocol-2.0.xsd'
const TEXTS: Readonly<Record<string, string>> = {
  [ROOT]: textOf(protocol), 'saml-schema-assertion-2.0.xsd': textOf(assertion),
  'xenc-schema.xsd': textOf(encryption), 'xmldsig-core-schema.xsd': textOf(signature),
}

/**
 * A CommonJS module by its default, however it was wrapped.
 * The internal DTD of two of them only gives defaults that the text repeats.
 */
function textOf(module: string | { readonly default: string }): string {
  return (typeof module === 'string' ? module : module.default).replace(/<!DOCTYPE[^[]*\[[\s\S]*?\]>/, '')
}

let validator: XsdValidator | undefined

function parsed(): XsdValidator {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  xmlRegisterInputProvider(new XmlBufferInputProvider(
    Object.fromEntries(Object.entries(TEXTS).map(([name, text]) => [FOLDER + name, bytes(text)])),
  ))
  const document = XmlDocument.fromBuffer(bytes(TEXTS[ROOT] as string), { url: FOLDER + ROOT })
  try {
    return XsdValidator.fromDoc(document)
  } finally {
    document.dispose()
  }
}

/** @throws LoginRefused where the document is not as the schemas of SAML want it */
export function validate(document: XmlDocument): void {
  validator ??= parsed()
  try {
    validator.validate(document)
  } catch (error) {
    const [line = ''] = (error as Error).message.trim().split('\n')
    throw new LoginRefused(
      'schema', 'schema', `the message is not as the schema of SAML 2.0 wants it: ${line.slice(0, 300)}`,
    )
  }
}
