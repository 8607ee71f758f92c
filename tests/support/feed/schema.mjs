// The part of the supplier's public API that a crawl uses, names as it has them. What is asked of a field that is not
// here fails the query, as GraphQL says.

const kOrders = 'createdAt price discount color clarity cut size none insert price_per_carat popular';

const strings = (names) => names.trim().split(/\s+/).map((name) => `${name}: String`).join('\n');

export const kSchema = `
  type Query {
    authenticate: Authenticate
    as(token: String!): Viewer
    diamonds_by_query(query: DiamondQuery, offset: Int, limit: Int, order: DiamondOrder): DiamondsPage
    diamonds_by_query_count(query: DiamondQuery): Int!
  }
  type Viewer {
    diamonds_by_query(query: DiamondQuery, offset: Int, limit: Int, order: DiamondOrder): DiamondsPage
    diamonds_by_query_count(query: DiamondQuery): Int!
  }
  type Authenticate { username_and_password(username: String!, password: String!): Session }
  type Session { token: String! expires: Float refresh_token: String }

  input DiamondQuery {
    dollar_value: IntRange
    dollar_per_carat: IntRange
    updated: DateRange
    labgrown: Boolean
    shapes: [String!]
    sizes: [FloatRange!]
    color: [Color!]
    clarity: [Clarity!]
    cut: [Cut!]
    availability: [Availability!]
    has_image: Boolean
    has_v360: Boolean
    excludeFairPoorCuts: Boolean
    hide_memo: Boolean
  }
  input IntRange { from: Int to: Int }
  input FloatRange { from: Float to: Float }
  input DateRange { from: String to: String }
  input DiamondOrder { type: DiamondOrderType direction: OrderDirection }
  enum DiamondOrderType { ${kOrders} }
  enum OrderDirection { ASC DESC }
  enum Color { D E F G H I J K L M N FANCY }
  enum Clarity { FL IF VVS1 VVS2 VS1 VS2 SI1 SI2 SI3 I1 I2 I3 }
  enum Cut { ID EX VG GD F P }
  enum Availability { AVAILABLE ON_HOLD }

  type DiamondsPage { items: [Item] total_count: Int! }
  type Item {
    id: ID!
    price: Int
    discount: Float
    diamond_price: Int
    markup_price: Int
    markup_discount: Float
    diamond: Diamond
  }
  type Diamond {
    id: ID!
    ${strings(`availability HoldId NivodaStockId supplierStockId image video eyeClean brown green blue gray milky bowtie
      mine_of_origin supplier_video_link approval_type return_window CertificateType`)}
    final_price: Int
    show_measurements: Boolean
    show_certificate_number: Boolean
    delivery_time: DeliveryTime
    certificate: Certificate
    supplier: Supplier
  }
  type DeliveryTime { express_timeline_applicable: Boolean min_business_days: Int max_business_days: Int }
  type Supplier { id: ID name: String legal_name: String }
  type Certificate {
    id: ID!
    carats: Float
    verified: Boolean
    labgrown: Boolean
    treated: Boolean
    ${strings(`lab certNumber pdfUrl shape fullShape clarity cut polish symmetry color length width depth depthPercentage
      table crownAngle crownHeight pavAngle pavHeight pavDepth floInt floCol labgrown_type girdle culetSize
      girdleCondition culet_condition cut_style keyToSymbols comments f_color f_intensity f_overtone`)}
  }
`;
