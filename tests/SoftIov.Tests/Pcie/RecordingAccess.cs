using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>Configuration access that keeps what was written, and lies where a test wants a broken device.</summary>
internal sealed class RecordingAccess(IConfigAccess inner) : IConfigAccess
{
    public List<(RequesterId Target, int Offset, uint Value)> Writes { get; } = [];

    /// <summary>What the dword at an offset reads; null for the truth.</summary>
    public Func<RequesterId, int, uint?>? Override { get; set; }

    /// <summary>Writes that the device loses.</summary>
    public Func<RequesterId, int, bool>? IsDropped { get; set; }

    public uint Read(RequesterId target, int offset, int width)
    {
        if (Override?.Invoke(target, offset & ~3) is not { } lie)
            return inner.Read(target, offset, width);
        return (lie >> (8 * (offset & 3))) & (uint.MaxValue >> (8 * (4 - width)));
    }

    public void Write(RequesterId target, int offset, int width, uint value)
    {
        Writes.Add((target, offset, value));
        if (IsDropped?.Invoke(target, offset) != true)
            inner.Write(target, offset, width, value);
    }
}
