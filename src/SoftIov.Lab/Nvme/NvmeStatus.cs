using System.Globalization;

namespace SoftIov.Lab.Nvme;

/// <summary>Status of a completed command (NVMe base 2.0, 3.3.3.2.1): 15 bits, SC lowest.</summary>
/// <param name="Value">SC 7:0, SCT 10:8, CRD 12:11, M 13, DNR 14.</param>
public readonly record struct NvmeStatus(ushort Value)
{
    private const int DoNotRetryBit = 1 << 14;

    /// <summary>SC.</summary>
    public byte Code => (byte)Value;

    /// <summary>SCT: 0 generic, 1 command specific, 2 media and data integrity, 3 path.</summary>
    public int Type => (Value >> 8) & 7;

    /// <summary>CRD.</summary>
    public int RetryDelay => (Value >> 11) & 3;

    /// <summary>M: the error log tells more.</summary>
    public bool HasMore => (Value & (1 << 13)) != 0;

    /// <summary>DNR.</summary>
    public bool DoNotRetry => (Value & DoNotRetryBit) != 0;

    /// <summary>0/00.</summary>
    public bool IsSuccess => Type == 0 && Code == 0;

    /// <summary>A status by its numbers.</summary>
    public static NvmeStatus Of(int type, byte code, bool doNotRetry = false) => new((ushort)(code | (type << 8) | (doNotRetry ? DoNotRetryBit : 0)));

    /// <summary>Whether type and code are these, whatever the other bits say.</summary>
    public bool Is(int type, byte code) => Type == type && Code == code;

    /// <summary>Type and code in hexadecimal, +D with DNR, for example 0/0B+D.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Type:X}/{Code:X2}{(DoNotRetry ? "+D" : "")}");
}
