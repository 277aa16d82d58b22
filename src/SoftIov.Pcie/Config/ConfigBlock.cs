namespace SoftIov.Pcie;

/// <summary>A stretch of configuration space that knows its own registers: the header or a capability. Speaks in dwords.</summary>
internal abstract class ConfigBlock
{
    /// <summary>Length in bytes, a multiple of 4.</summary>
    public abstract int Length { get; }

    /// <summary>Reads the dword at <paramref name="offset"/>, a multiple of 4 below <see cref="Length"/>.</summary>
    public abstract uint Read(int offset);

    /// <summary>Writes the dword at <paramref name="offset"/>; what cannot be written ignores it.</summary>
    public abstract void Write(int offset, DwordWrite write);

    /// <summary>An access is about to read these bytes; once per access.</summary>
    public virtual void BeforeRead(int offset, int length)
    {
    }

    /// <summary>Writes any bytes inside the block; once per access.</summary>
    public virtual void WriteBytes(int offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            int lane = offset & 3;
            int count = Math.Min(source.Length, sizeof(uint) - lane);
            Write(offset - lane, DwordWrite.FromBytes(lane, source[..count]));
            offset += count;
            source = source[count..];
        }
    }
}
