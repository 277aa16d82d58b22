using System.Numerics;

namespace SoftIov.Datapath;

/// <summary>Some frames of a <see cref="FrameBatch"/>: bit i is frame i. Enumerates in the order of the batch.</summary>
public readonly record struct FrameSet(ulong Bits)
{
    /// <summary>No frame.</summary>
    public static FrameSet None => default;

    /// <summary>True when the set has no frame.</summary>
    public bool IsEmpty => Bits == 0;

    /// <summary>Frames in the set.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>The first <paramref name="count"/> frames of a batch, 0..64.</summary>
    public static FrameSet First(int count) => new(count == 0 ? 0 : ulong.MaxValue >> (64 - count));

    /// <summary>Whether frame <paramref name="index"/> is in the set.</summary>
    public bool Contains(int index) => (Bits >> index & 1) != 0;

    /// <summary>The set and frame <paramref name="index"/>.</summary>
    public FrameSet With(int index) => new(Bits | 1UL << index);

    /// <summary>The set without frame <paramref name="index"/>.</summary>
    public FrameSet Without(int index) => new(Bits & ~(1UL << index));

    /// <summary>The set without the frames of another.</summary>
    public FrameSet Except(FrameSet others) => new(Bits & ~others.Bits);

    /// <summary>Indexes in ascending order.</summary>
    public Enumerator GetEnumerator() => new(Bits);

    /// <summary>Walks the bits from the lowest on.</summary>
    public struct Enumerator
    {
        private ulong _left;

        internal Enumerator(ulong bits)
        {
            _left = bits;
            Current = -1;
        }

        /// <summary>Index of the frame.</summary>
        public int Current { readonly get; private set; }

        /// <summary>Goes to the next frame.</summary>
        public bool MoveNext()
        {
            if (_left == 0)
            {
                return false;
            }

            Current = BitOperations.TrailingZeroCount(_left);
            _left &= _left - 1;
            return true;
        }
    }
}
