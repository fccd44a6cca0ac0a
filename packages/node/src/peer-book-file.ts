/** The book of addresses as it lies in the home: apart from the book itself, which needs the network's code. */

export type PeerAddressBook = Readonly<Record<string, readonly string[]>>;

/** The book as a file holds it; undefined for one that is damaged. */
export function decodePeerBook(text: string): PeerAddressBook | undefined {
  try {
    const book: unknown = JSON.parse(text);
    if (typeof book !== "object" || book === null || Array.isArray(book)) return undefined;
    return Object.values(book).every(isTexts) ? (book as PeerAddressBook) : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
