using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>Configuration access as system software has it. What nobody answers reads all ones.</summary>
internal interface IConfigAccess
{
    /// <summary>Reads 1 to 4 bytes; what crosses a dword becomes two requests.</summary>
    uint Read(RequesterId target, int offset, int width);

    /// <summary>Writes 1 to 4 bytes; what crosses a dword becomes two requests.</summary>
    void Write(RequesterId target, int offset, int width, uint value);
}
