namespace SoftIov.Lab.Guests;

/// <summary>
/// What streams carry: at any offset the bytes are known, so a receiver notices each one that is wrong or out of place.
/// </summary>
internal static class StreamPattern
{
    // A prime, so that no segment starts where another could.
    private const int Period = 65521;
    private static readonly byte[] Bytes = Make();

    /// <summary>The bytes at <paramref name="offset"/>; at most 64 KiB.</summary>
    public static ReadOnlySpan<byte> At(long offset, int length) => Bytes.AsSpan((int)(offset % Period), length);

    private static byte[] Make()
    {
        var bytes = new byte[Period + ushort.MaxValue + 1];
        new Random(Seed: 1).NextBytes(bytes.AsSpan(0, Period));
        bytes.AsSpan(0, bytes.Length - Period).CopyTo(bytes.AsSpan(Period));
        return bytes;
    }
}
