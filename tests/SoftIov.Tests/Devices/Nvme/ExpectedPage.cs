using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>A data structure as a specification's table has it: fields by their offsets, and zero everywhere else.</summary>
internal sealed class ExpectedPage(int length)
{
    private readonly byte[] _bytes = new byte[length];

    public ExpectedPage Put8(int offset, params byte[] values)
    {
        values.CopyTo(_bytes, offset);
        return this;
    }

    public ExpectedPage Put16(int offset, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    public ExpectedPage Put32(int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    public ExpectedPage Put64(int offset, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    /// <summary>ASCII, filled up.</summary>
    public ExpectedPage PutText(int offset, int width, string text, char fill = ' ')
    {
        Encoding.ASCII.GetBytes(text.PadRight(width, fill)).CopyTo(_bytes, offset);
        return this;
    }

    public ExpectedPage Fill(int offset, int count, byte value)
    {
        _bytes.AsSpan(offset, count).Fill(value);
        return this;
    }

    /// <summary>Names the first byte that is another.</summary>
    public void Check(ReadOnlySpan<byte> actual)
    {
        Assert.Equal(_bytes.Length, actual.Length);
        int same = _bytes.AsSpan().CommonPrefixLength(actual);
        Assert.True(same == _bytes.Length, same == _bytes.Length ? "" : $"byte {same} is {actual[same]:x2}h and not {_bytes[same]:x2}h");
    }
}
