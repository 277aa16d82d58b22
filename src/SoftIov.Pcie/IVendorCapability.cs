namespace SoftIov.Pcie;

/// <summary>A vendor-specific capability (ID 09h): its bytes after the two of the list header, and what writes do.</summary>
public interface IVendorCapability
{
    /// <summary>Whole length in bytes, the two header bytes included; multiple of 4.</summary>
    int Length { get; }

    /// <summary>Reads the byte at <paramref name="offset"/> (2 and up) of the capability.</summary>
    byte Read(int offset);

    /// <summary>
    /// A read of <paramref name="length"/> bytes at <paramref name="offset"/> is about to happen: fetch what must be consistent or has side
    /// effects.
    /// </summary>
    void BeforeRead(int offset, int length);

    /// <summary>Writes bytes from <paramref name="offset"/> (2 and up) on; one call per access.</summary>
    void Write(int offset, ReadOnlySpan<byte> source);
}
