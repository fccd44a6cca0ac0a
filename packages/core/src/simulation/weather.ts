/** What a simulated network, and the disks behind it, are like. Times in milliseconds. */
export interface Weather {
  /** Delay of a frame: at least `delayMinMs`, with an exponential tail of `delayMeanMs`. */
  readonly delayMinMs: number;
  readonly delayMeanMs: number;
  /** Chance that a frame takes its connection down. */
  readonly cutChance: number;
  /** A cut is noticed by each side within this. */
  readonly noticeMaxMs: number;
  readonly redialMaxMs: number;
  /** Bytes under way in one direction; beyond it a frame is refused as `full`. */
  readonly queueBytesMax: number;
  /** Hostile: what the real transport never does within a connection. */
  readonly dropChance: number;
  readonly duplicateChance: number;
  readonly reorderChance: number;
  readonly flushMeanMs: number;
}
