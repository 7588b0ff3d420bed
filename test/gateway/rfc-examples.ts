/** The examples of RFC 7643 §8 and RFC 7644 §3 as they stand there; ids of other resources are filled in by the tests. */
import type { JsonObject } from '../../src/model.ts'

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** RFC 7643 §8.1. */
export const MINIMAL: JsonObject = {
  schemas: [USER], id: '2819c223-7f76-453a-919d-413861904646', userName: 'bjensen@example.com',
  meta: {
    resourceType: 'User', created: '2010-01-23T04:56:22Z', lastModified: '2011-05-13T04:42:34Z', version: 'W/"3694e05e9dff590"',
    location: 'https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646',
  },
}

const ADDRESSES = [
  {
    type: 'work', streetAddress: '100 Universal City Plaza', locality: 'Hollywood', region: 'CA', postalCode: '91608', country: 'USA',
    formatted: '100 Universal City Plaza\nHollywood, CA 91608 USA', primary: true,
  },
  {
    type: 'home', streetAddress: '456 Hollywood Blvd', locality: 'Hollywood', region: 'CA', postalCode: '91608', country: 'USA',
    formatted: '456 Hollywood Blvd\nHollywood, CA 91608 USA',
  },
]

/** RFC 7643 §8.2. */
export const FULL: JsonObject = {
  schemas: [USER], id: '2819c223-7f76-453a-919d-413861904646', externalId: '701984', userName: 'bjensen@example.com',
  name: { formatted: 'Ms. Barbara J Jensen, III', familyName: 'Jensen', givenName: 'Barbara', middleName: 'Jane', honorificPrefix: 'Ms.', honorificSuffix: 'III' },
  displayName: 'Babs Jensen', nickName: 'Babs', profileUrl: 'https://login.example.com/bjensen',
  emails: [{ value: 'bjensen@example.com', type: 'work', primary: true }, { value: 'babs@jensen.org', type: 'home' }],
  addresses: ADDRESSES,
  phoneNumbers: [{ value: '555-555-5555', type: 'work' }, { value: '555-555-4444', type: 'mobile' }],
  ims: [{ value: 'someaimhandle', type: 'aim' }],
  photos: [
    { value: 'https://photos.example.com/profilephoto/72930000000Ccne/F', type: 'photo' }, { value: 'https://photos.example.com/profilephoto/72930000000Ccne/T', type: 'thumbnail' },
  ],
  userType: 'Employee', title: 'Tour Guide', preferredLanguage: 'en-US', locale: 'en-US', timezone: 'America/Los_Angeles', active: true, password: 't1meMa$heen',
  groups: [
    { value: 'e9e30dba-f08f-4109-8486-d5c6a331660a', $ref: 'https://example.com/v2/Groups/e9e30dba-f08f-4109-8486-d5c6a331660a', display: 'Tour Guides' },
    { value: 'fc348aa8-3835-40eb-a20b-c726e15c55b5', $ref: 'https://example.com/v2/Groups/fc348aa8-3835-40eb-a20b-c726e15c55b5', display: 'Employees' },
    { value: '71ddacd2-a8e7-49b8-a5db-ae50d0a5bfd7', $ref: 'https://example.com/v2/Groups/71ddacd2-a8e7-49b8-a5db-ae50d0a5bfd7', display: 'US Employees' },
  ],
  x509Certificates: [{ value: 'MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx' }],
  meta: {
    resourceType: 'User', created: '2010-01-23T04:56:22Z', lastModified: '2011-05-13T04:42:34Z', version: 'W/"a330bc54f0671c9"',
    location: 'https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646',
  },
}

/** RFC 7643 §8.3: what the extension adds to §8.2. */
export const EXTENSION: JsonObject = {
  employeeNumber: '701984', costCenter: '4130', organization: 'Universal Studios', division: 'Theme Park', department: 'Tour Operations',
  manager: { value: '26118915-6090-4610-87e4-49d8ca9f808d', $ref: '../Users/26118915-6090-4610-87e4-49d8ca9f808d', displayName: 'John Smith' },
}

/** RFC 7643 §8.7.1: type, many or one, mutability, returned; ours differs where a note says so. */
export const USER_ATTRIBUTES: Readonly<Record<string, readonly [type: string, multiValued: boolean, mutability: string, returned: string]>> = {
  // Always: a resource without its name is of no use to anybody.
  userName: ['string', false, 'readWrite', 'always'],
  name: ['complex', false, 'readWrite', 'default'], displayName: ['string', false, 'readWrite', 'default'], nickName: ['string', false, 'readWrite', 'default'],
  profileUrl: ['reference', false, 'readWrite', 'default'], title: ['string', false, 'readWrite', 'default'], userType: ['string', false, 'readWrite', 'default'],
  preferredLanguage: ['string', false, 'readWrite', 'default'], locale: ['string', false, 'readWrite', 'default'], timezone: ['string', false, 'readWrite', 'default'],
  active: ['boolean', false, 'readWrite', 'default'], password: ['string', false, 'writeOnly', 'never'],
  emails: ['complex', true, 'readWrite', 'default'], phoneNumbers: ['complex', true, 'readWrite', 'default'], ims: ['complex', true, 'readWrite', 'default'],
  photos: ['complex', true, 'readWrite', 'default'], addresses: ['complex', true, 'readWrite', 'default'], groups: ['complex', true, 'readOnly', 'default'],
  entitlements: ['complex', true, 'readWrite', 'default'], roles: ['complex', true, 'readWrite', 'default'], x509Certificates: ['complex', true, 'readWrite', 'default'],
}

/** People for the filters of RFC 7644 §3.4.2.2. */
export const PEOPLE: readonly JsonObject[] = [
  { userName: 'bjensen', name: { familyName: 'Jensen' }, title: 'Tour Guide', userType: 'Employee', emails: [{ value: 'bjensen@example.com', type: 'work' }] },
  { userName: 'john', name: { familyName: "O'Malley" }, userType: 'Intern', emails: [{ value: 'john@foo.example', type: 'work' }], ims: [{ value: 'john@foo.com', type: 'xmpp' }] },
  { userName: 'JSMITH', name: { familyName: 'Smith' }, title: 'Boss', userType: 'Contractor', emails: [{ value: 'js@example.org', type: 'home' }], [ENTERPRISE]: { department: 'X' } },
  { userName: 'mandy', name: { familyName: 'Pepperidge' }, userType: 'Employee', emails: [{ value: 'mandy@example.org', type: 'home' }] },
]

/** RFC 7644 §3.4.2.2: every filter of its example, and whom of these people it finds. */
export const FILTERS: readonly (readonly [filter: string, found: readonly string[]])[] = [
  ['userName Eq "john"', ['john']],
  ['Username eq "john"', ['john']],
  ['userName eq "bjensen"', ['bjensen']],
  [`name.familyName co "O'Malley"`, ['john']],
  ['userName sw "J"', ['JSMITH', 'john']],
  [`${USER}:userName sw "J"`, ['JSMITH', 'john']],
  ['title pr', ['JSMITH', 'bjensen']],
  ['meta.lastModified gt "2011-05-13T04:42:34Z"', ['JSMITH', 'bjensen', 'john', 'mandy']],
  ['meta.lastModified ge "2011-05-13T04:42:34Z"', ['JSMITH', 'bjensen', 'john', 'mandy']],
  ['meta.lastModified lt "2011-05-13T04:42:34Z"', []],
  ['meta.lastModified le "2011-05-13T04:42:34Z"', []],
  ['title pr and userType eq "Employee"', ['bjensen']],
  ['title pr or userType eq "Intern"', ['JSMITH', 'bjensen', 'john']],
  [`schemas eq "${ENTERPRISE}"`, ['JSMITH']],
  ['userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', ['bjensen', 'mandy']],
  ['userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")', ['john']],
  ['userType eq "Employee" and (emails.type eq "work")', ['bjensen']],
  ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', ['bjensen']],
  ['emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]', ['bjensen', 'john']],
]
