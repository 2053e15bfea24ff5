//! throw-away
fn main(){ let mut a=privdns::estate::Assembly::default();
 for p in std::env::args().skip(1){ let o=std::fs::read(&p).unwrap(); privdns::source::read(&p,&o,None,privdns::source::Role::Estate,&mut a);} 
 let e=a.finish(); println!("{}",privdns::source::estate_text::write(&e));
 for n in &e.notes{ println!("{:?} {} {}",n.kind,e.show_origin(n.origin),n.message);} 
 for i in &e.inputs{println!("{} {}",i.path,i.kind);} }
