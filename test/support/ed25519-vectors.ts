/**
 * Published vectors for verifiers of Ed25519.
 * `SPECCHECK`: github.com/novifinancial/ed25519-speccheck at d2b2ba5 (cases.json), of Chalkias, Garillot and Nikolaenko,
 * "Taming the many EdDSAs" (2020). `WYCHEPROOF`: github.com/C2SP/wycheproof at 00de17e (ed25519_test.json, Apache-2.0).
 */

/** The values that the paper's cases are put together from. */
const SMALL = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa';
const SMALL_POSITIVE = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a';
const MIXED = 'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43';
const MIXED_TOO = 'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d';
const OUT_OF_FORM = 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff';
const PRIME = '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623';
const S_OF_MIXED = 'a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04';
const MESSAGE_A = '9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41';
const MESSAGE_B = '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79';
const MESSAGE_C = 'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c';
const MESSAGE_D = '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40';

type Case = {
  readonly about: string;
  readonly key: string;
  readonly message: string;
  readonly signature: string;
  /** What the verifier that Verne uses says of it. */
  readonly ours: 'takes' | 'refuses' | 'refuses the key';
  readonly tweetnacl: boolean;
};

export const SPECCHECK: readonly Case[] = [
  {
    about: '0: S = 0, R and A of small order, with the cofactor only',
    key: SMALL,
    message: '2a66241a42a9ee12994d8068dcf1bb7dfc6637b45450acd43711f637fa5080fc',
    signature: SMALL_POSITIVE + '0'.repeat(64),
    ours: 'refuses the key',
    tweetnacl: false,
  },
  {
    about: '1: S = 0, R and A of small order: a signature by nobody',
    key: SMALL,
    message: '8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6',
    signature: SMALL_POSITIVE + '0'.repeat(64),
    ours: 'refuses the key',
    tweetnacl: true,
  },
  {
    about: '2: R mixed, A of small order, with the cofactor only',
    key: SMALL,
    message: MESSAGE_A,
    signature: MIXED + S_OF_MIXED,
    ours: 'refuses the key',
    tweetnacl: false,
  },
  {
    about: '3: R mixed, A of small order',
    key: SMALL,
    message: MESSAGE_B,
    signature: MIXED + S_OF_MIXED,
    ours: 'refuses the key',
    tweetnacl: true,
  },
  {
    about: '4: R of small order, A mixed, with the cofactor only',
    key: MIXED,
    message: MESSAGE_A,
    signature: `${SMALL}182ef1a5b928da07fec769cc8a12db6bcf70dab3f3227fa315e9d5e3e01a3405`,
    ours: 'refuses',
    tweetnacl: false,
  },
  {
    about: '5: R of small order, A mixed',
    key: MIXED,
    message: 'aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab',
    signature: `${SMALL}8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e`,
    ours: 'refuses',
    tweetnacl: true,
  },
  {
    about: '6: R and A mixed',
    key: MIXED_TOO,
    message: MESSAGE_B,
    signature:
      '9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009',
    ours: 'takes',
    tweetnacl: true,
  },
  {
    about: '7: R and A mixed, with the cofactor only',
    key: MIXED_TOO,
    message: MESSAGE_C,
    signature:
      '160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09',
    ours: 'refuses',
    tweetnacl: false,
  },
  {
    about: '8: with the cofactor and not reduced before',
    key: MIXED_TOO,
    message: MESSAGE_C,
    signature:
      '21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405',
    ours: 'refuses',
    tweetnacl: false,
  },
  {
    about: '9: S above the order of the group',
    key: PRIME,
    message: MESSAGE_D,
    signature:
      'e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514',
    ours: 'refuses',
    tweetnacl: true,
  },
  {
    about: '10: S so far above it that a high bit is set',
    key: PRIME,
    message: MESSAGE_D,
    signature:
      '8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22',
    ours: 'refuses',
    tweetnacl: true,
  },
  {
    about: '11: R written in another form, reduced before it is hashed',
    key: MIXED,
    message: MESSAGE_A,
    signature: `${OUT_OF_FORM}03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f`,
    ours: 'refuses',
    tweetnacl: false,
  },
  {
    about: '12: R written in another form, hashed as it is',
    key: MIXED,
    message: MESSAGE_A,
    signature: `${OUT_OF_FORM}ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908`,
    ours: 'refuses',
    tweetnacl: false,
  },
  {
    about: '13: A of small order and written in another form, reduced before it is hashed',
    key: OUT_OF_FORM,
    message: 'e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b',
    signature: `a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc${S_OF_MIXED}`,
    ours: 'refuses the key',
    tweetnacl: false,
  },
  {
    about: '14: A of small order and written in another form, hashed as it is',
    key: OUT_OF_FORM,
    message: '39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f',
    signature: `a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc${S_OF_MIXED}`,
    ours: 'refuses the key',
    tweetnacl: true,
  },
];

const ZERO = '0'.repeat(64);
const ONE = `01${'0'.repeat(62)}`;
const ORDER_LESS_ONE = 'ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';
const ORDER = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';
const FIELD = 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f';
/** Tests 10 to 29: each R with each S. */
const SPECIAL = [ZERO, ONE, ORDER, FIELD].flatMap((r) =>
  [ZERO, ONE, ORDER_LESS_ONE, ORDER, FIELD].map((s) => ['3f', r + s] as const),
);

const TEST = '54657374';
const R = '7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0';
const S = '7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b30d';
const DIGITS = '313233343030';

/** Message and signature, under the one key. */
export const WYCHEPROOF = {
  key: '7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa',
  valid: [
    [
      '',
      'd4fbdb52bfa726b44d1786a8c0d171c3e62ca83c9e5bbe63de0bb2483f8fd6cc1429ab72cafc41ab56af02ff8fcc43b99bfe4c7ae940f60f38ebaa9d311c4007',
    ],
    [
      '78',
      'd80737358ede548acb173ef7e0399f83392fe8125b2ce877de7975d8b726ef5b1e76632280ee38afad12125ea44b961bf92f1178c9fa819d020869975bcbe109',
    ],
    [TEST, R + S],
    [
      DIGITS,
      '657c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281c2bf0cf5b3a289976458a1be6277a5055545253b45b07dcc1abd96c8b989c00f301',
    ],
  ],
  invalid: [
    ...SPECIAL,
    // 30 to 41: of another length.
    [TEST, ''],
    [TEST, R],
    [TEST, (R + S).slice(0, -4)],
    [TEST, `${R}${S}2020`],
    [TEST, `00${R}${S}`],
    [TEST, `${R}00${S}`],
    [TEST, `${R}${S}00`],
    [
      '546573743137',
      '93de3ca252426c95f735cb9edd92e83321ac62372d5aa5b379786bae111ab6b17251330e8f9a7c30d6993137c596007d7b001409287535ac4804e662bc58a3',
    ],
    // 42 to 62: R is not the one that was signed with, S is made to fit it.
    [
      DIGITS,
      '647c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281c2b1d125e5538f38afbcc1c84e489521083041d24bc6240767029da063271a1ff0c',
    ],
    [
      DIGITS,
      'e57c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281c2bbb3eb51cd98dddb235a5f46f2bded6af184a58d09cce928bda43f41d69118a03',
    ],
    [
      DIGITS,
      '657c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281c6b8da07efd07a6dafb015ed6a32fe136319a972ffbc341f3a0beae97ccf8136505',
    ],
    [
      DIGITS,
      '657c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281cab227aedf259f910f0f3a759a335062665217925d019173b88917eae294f75d40f',
    ],
    [DIGITS, `${ZERO}e0b8e7770d51c7a36375d006c5bffd6af43ff54aaf47e4330dc118c71d61ec02`],
    [DIGITS, `${'f'.repeat(64)}463a1908382e7eb7693acef9884f7cf931a215e0791876be22c631a59881fd0e`],
    [
      DIGITS,
      '9a83eb6dbfd54a31fc1d3c580fc7b2fae4630ca8f0edf803873e433673d7e3d40e94254586cb6188c5386c3febed477cb9a6cb29e3979adc4cb27cf5278fb70a',
    ],
    // 63 to 70: S plus L, 2 L, 4 L, 8 L, 2^253, 2^254, 2^255 and the field's prime.
    [TEST, `${R}67654bce3832c2d76f8f6f5dafc08d9339d4eef676573336a5c51eb6f946b31d`],
    [TEST, `${R}5439412b5395d42f462c67008eba6ca839d4eef676573336a5c51eb6f946b32d`],
    [TEST, `${R}2ee12ce5875bf9dff26556464bae2ad239d4eef676573336a5c51eb6f946b34d`],
    [TEST, `${R}e2300459f1e742404cd934d2c595a6253ad4eef676573336a5c51eb6f946b38d`],
    [TEST, `${R}7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b32d`],
    [TEST, `${R}7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b34d`],
    [TEST, `${R}7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b38d`],
    [TEST, `${R}679155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b38d`],
  ],
} as const satisfies { readonly key: string; readonly [kind: string]: string | readonly (readonly [string, string])[] };
