/** Detail keywords of RFC 7644 §3.12, table 9. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'

/** What a SCIM client is told: a status, a keyword where one is defined, and a sentence. */
export class ScimError extends Error {
  readonly status: number
  readonly scimType: ScimType | null

  constructor(status: number, scimType: ScimType | null, detail: string) {
    super(detail)
    this.status = status
    this.scimType = scimType
  }

  /** The body of RFC 7644 §3.12; its status is a string. */
  body(): {
    readonly schemas: readonly string[]
    readonly status: string
    readonly scimType?: ScimType
    readonly detail: string
  } {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error']
    return {
      schemas,
      status: String(this.status),
      ...(this.scimType === null ? {} : { scimType: this.scimType }),
      detail: this.message,
    }
  }
}

export const notFound = (type: string, id: string): ScimError => new ScimError(404, null, `there is no ${type} ${id}`)
