using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>Configuration access as system software has it. What nobody answers reads all ones.</summary>
internal interface IConfigAccess
{
    /// <summary>Reads 1, 2 or 4 bytes, naturally aligned.</summary>
    uint Read(RequesterId target, int offset, int width);

    /// <summary>Writes 1, 2 or 4 bytes, naturally aligned.</summary>
    void Write(RequesterId target, int offset, int width, uint value);
}
