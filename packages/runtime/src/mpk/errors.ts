export type MpkErrorCode =
  /** Not an `.mpk` bundle, or a damaged one: see the message. */
  | "MPK_INVALID"
  /** The bundle's signature is not that of its manifest, or not its signer's. */
  | "MPK_SIGNATURE_INVALID"
  /** The application is installed as another signer's, or as a signed one: see the message. */
  | "MPK_UPGRADE_REFUSED";
