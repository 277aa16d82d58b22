namespace SoftIov.Tests.Memory;

/// <summary>A chain as the model remembers it.</summary>
internal sealed class ModelChain(ushort token, int readableCount, int writableCount)
{
    public ushort Token => token;

    /// <summary>Bytes of each readable buffer.</summary>
    public byte[][] Readable { get; } = new byte[readableCount][];

    /// <summary>Length of each writable buffer.</summary>
    public int[] Writable { get; } = new int[writableCount];

    /// <summary>Where the writable buffers are.</summary>
    public ulong[] Addresses { get; set; } = [];

    /// <summary>What the device wrote.</summary>
    public byte[] Written { get; set; } = [];
}
